// Runs npm graphql-http's audits of GraphQL over HTTP against a server, each request with a bearer token.
//
//   node audits.mjs '{"url": "...", "token": "..."}'
//
// Prints one line: {"audits": [{"id": ..., "name": "MUST ...", "status": "ok" | "notice" | "warn" | "error", "reason": ...}, ...]}

import { auditServer } from 'graphql-http';

const { url, token } = JSON.parse(process.argv[2]);

function fetchFn(address, init = {}) {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  return fetch(address, { ...init, headers });
}

const results = await auditServer({ url, fetchFn });
const audits = results.map(({ id, name, status, reason }) => ({ id, name, status, reason: reason ?? null }));
process.stdout.write(JSON.stringify({ audits }) + '\n');
