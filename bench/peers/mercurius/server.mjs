// Mercurius 16 on Fastify, with graphql-jit. Arguments: the port of 127.0.0.1, and the number of connections.
// PEERS_DATABASE_URL names the database. Who asks stands in headers, as a gateway in front would put it there.

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { loaders, resolvers } from "./resolvers.mjs";
import { schema } from "./schema.mjs";
import { statements } from "./statements.mjs";

const [port, connections] = process.argv.slice(2).map(Number);
const pool = new pg.Pool({
  connectionString: process.env.PEERS_DATABASE_URL,
  max: connections,
  min: connections,
  idleTimeoutMillis: 0,
});

const app = Fastify({ logger: false, keepAliveTimeout: 600_000 });
app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  jit: 1,
  graphiql: false,
  context({ headers }) {
    const role = headers["x-role"];
    if (!Object.hasOwn(statements, role)) throw new Error("no such role");
    return { pool, role, school: headers["x-school"], person: headers["x-person"] };
  },
});
await app.listen({ port, host: "127.0.0.1" });
console.log("ready");
process.on("SIGTERM", () => process.exit(0));
