// Mercurius 16 on Fastify, with graphql-jit. Arguments: the port of 127.0.0.1, and the number of connections.
// PEERS_DATABASE_URL names the database. Who asks stands in headers, as a gateway in front would put it there.
//
// A third argument, "walled": each request is a transaction with Usher's context, behind Usher's walls.

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { loaders, resolvers } from "./resolvers.mjs";
import { schema } from "./schema.mjs";
import { statements } from "./statements.mjs";
import { Walled } from "./walled.mjs";

const [port, connections] = process.argv.slice(2, 4).map(Number);
const walled = process.argv[4] === "walled";
const pool = new pg.Pool({
  connectionString: process.env.PEERS_DATABASE_URL,
  max: connections,
  min: connections,
  idleTimeoutMillis: 0,
});

const query = (asked) => pool.query(asked);
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
    const who = { role, school: headers["x-school"], person: headers["x-person"] };
    if (!walled) return { query, ...who };
    const transaction = new Walled(pool, who);
    return { query: (asked) => transaction.query(asked), transaction, ...who };
  },
});
if (walled) app.ready().then(() => app.graphql.addHook("onResolution", async (_, { transaction }) => transaction.end()));
await app.listen({ port, host: "127.0.0.1" });
console.log("ready");
process.on("SIGTERM", () => process.exit(0));
