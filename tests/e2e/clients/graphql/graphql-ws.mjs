// npm's graphql-ws by itself: queries and streams over one socket.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { LEARNERS, MARKS, REFUSED, ROLES, back, onward, socketOptions } from './asked.mjs';

export async function graphqlWs(asked) {
  const { options, stands } = socketOptions(asked, WebSocket);
  const client = createClient(options);
  const ask = async (query, variables = {}) => (await client.iterate({ query, variables }).next()).value;
  const learners = async (variables) => (await ask(LEARNERS, variables)).data.learners;
  const events = client.iterate({ query: MARKS });
  const event = events.next();
  return {
    stands,
    told: {
      roles: (await ask(ROLES)).data.viewer.roles,
      onward: await onward(learners),
      back: await back(learners),
      refused: await ask(REFUSED, { id: null }).then(null, ([error]) => error.extensions.code),
    },
    event: async () => (await event).value.data.markRecorded,
    close: () => client.dispose(),
  };
}
