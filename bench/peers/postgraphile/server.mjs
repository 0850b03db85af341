// PostGraphile 5 over the views of schema.sql, as its documentation says to run it: grafserv on Node's own HTTP server.
// Arguments: the port of 127.0.0.1, and the number of connections. PEERS_DATABASE_URL names the database.
//
// Who asks stands in headers, as a gateway in front would put it there: nothing is checked.

import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [port, connections] = process.argv.slice(2).map(Number);
const ROLES = { class_teacher: "peers_teacher", head: "peers_head" };

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  schema: { defaultBehavior: "+list -insert -update -delete" },
  pgServices: [
    makePgService({
      connectionString: process.env.PEERS_DATABASE_URL,
      schemas: ["peers"],
      poolConfig: { max: connections, min: connections, idleTimeoutMillis: 0 },
    }),
  ],
  grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false },
  grafast: {
    explain: false,
    context({ node }) {
      const { headers } = node.req;
      return {
        pgSettings: {
          role: ROLES[headers["x-role"]],
          "app.school_id": headers["x-school"],
          "app.person": headers["x-person"],
        },
      };
    },
  },
});

const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.keepAliveTimeout = 600_000;
server.listen(port, "127.0.0.1", () => console.log("ready"));
process.on("SIGTERM", () => process.exit(0));
if (process.argv[4] === "--schema") {
  const { printSchema } = await import("graphql");
  console.log(printSchema((await instance.getSchemaResult()).schema));
}
