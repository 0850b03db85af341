// Each public client of GraphQL asks one server for the same: a query, all pages of a connection both ways, what is refused, and
// one event of a subscription.
//
//   node protocol.mjs '{"url": "...", "token": "...", "documentId": "...", "artifacts": "/...", "documents": {} | null}'
//
// Prints {"url": "standing"} when all streams stand, waits for a line, which comes when a mark was recorded, and prints what each
// client was told: {"urql": {"roles": [...], "onward": [[ids]], "back": [[ids]], "refused": code, "event": {...}}, ...}

import { createInterface } from 'node:readline';
import { apollo } from './graphql/apollo.mjs';
import { graphqlSse } from './graphql/graphql-sse.mjs';
import { graphqlWs } from './graphql/graphql-ws.mjs';
import { relayRuntime } from './graphql/relay.mjs';
import { urql } from './graphql/urql.mjs';

const asked = JSON.parse(process.argv[2]);
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const makers = { 'graphql-ws': graphqlWs, 'graphql-sse': graphqlSse, urql, apollo, relay: relayRuntime };
const names = asked.clients ?? Object.keys(makers);

const clients = [];
for (const name of names) clients.push([name, await makers[name](asked)]);
await Promise.all(clients.map(([, client]) => client.stands));
print({ url: 'standing' });

for await (const _ of createInterface({ input: process.stdin })) break;
const told = {};
for (const [name, client] of clients) told[name] = { ...client.told, event: await client.event() };
for (const [, client] of clients) await client.close();
print(told);
process.exit(0);
