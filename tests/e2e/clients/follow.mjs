// Follows one subscription by a public client, as an application would, and prints a line of JSON for whatever it is told.
//
//   node follow.mjs '{"transport": "ws", "url": "...", "token": "...", "query": "...", "variables": {}, "origin": null, "documentId": null}'
//
// Lines: {"standing": id} once the stream stands, {"event": response}, {"closed": code}, and at the end {"ended": why}.
// Each event's id goes into `variables.after`: both clients send the same request again when they reconnect.

import { createClient as overSSE } from 'graphql-sse';
import { createClient as overWebSocket } from 'graphql-ws';
import WebSocket from 'ws';

const asked = JSON.parse(process.argv[2]);
// By its text, or by the id of a trusted document: then graphql-ws sends nothing without a text, be it empty.
const named = asked.documentId ? { query: '', documentId: asked.documentId } : { query: asked.query };
const request = { ...named, variables: asked.variables };
const Authorization = `Bearer ${asked.token}`;
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const again = { retryAttempts: asked.attempts ?? 0, retryWait: () => new Promise((done) => setTimeout(done, 50)) };

function standing(id) {
  request.variables.after ??= id;
  print({ standing: id });
}

function socketFrom(origin) {
  return class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, origin === null ? {} : { origin });
    }
  };
}

const clients = {
  ws: () =>
    overWebSocket({
      ...again,
      url: asked.url.replace('http', 'ws'),
      connectionParams: { Authorization },
      webSocketImpl: socketFrom(asked.origin ?? null),
      on: {
        ping: (_, payload) => Object.values(payload.positions).forEach(standing),
        closed: ({ code }) => print({ closed: code }),
      },
    }),
  sse: () =>
    overSSE({
      retryAttempts: again.retryAttempts,
      retry: again.retryWait,
      url: asked.url,
      headers: { Authorization },
      fetchFn: async (...given) => {
        const response = await fetch(...given);
        if (response.headers.has('last-event-id')) standing(response.headers.get('last-event-id'));
        return response;
      },
    }),
};

function why(error) {
  if (Array.isArray(error)) return { errors: error };
  return { code: error.code ?? error.response?.status ?? null };
}

clients[asked.transport]().subscribe(request, {
  next: (response) => {
    for (const event of Object.values(response.data ?? {})) request.variables.after = event.id;
    print({ event: response });
  },
  error: (error) => print({ ended: why(error) }),
  complete: () => print({ ended: {} }),
});
