// npm's graphql-sse by itself, in "distinct connections mode"; and what its other mode is told.

import { createClient } from 'graphql-sse';
import { LEARNERS, MARKS, REFUSED, ROLES, back, onward, promised } from './asked.mjs';

export async function graphqlSse({ url, token }) {
  const stands = promised();
  const headers = { Authorization: `Bearer ${token}` };
  const client = createClient({
    url,
    headers,
    retryAttempts: 0,
    fetchFn: async (...given) => {
      const response = await fetch(...given);
      if (response.headers.has('last-event-id')) stands.resolve();
      return response;
    },
  });
  const ask = async (query, variables = {}) => (await client.iterate({ query, variables }).next()).value;
  const learners = async (variables) => (await ask(LEARNERS, variables)).data.learners;
  const single = createClient({ url, headers, retryAttempts: 0, singleConnection: true });
  const events = client.iterate({ query: MARKS });
  const event = events.next();
  return {
    stands: stands.promise,
    told: {
      roles: (await ask(ROLES)).data.viewer.roles,
      onward: await onward(learners),
      back: await back(learners),
      refused: (await ask(REFUSED, { id: null })).errors[0].extensions.code,
      singleConnection: await single.iterate({ query: ROLES }).next().then(null, (error) => error.response.status),
    },
    event: async () => (await event).value.data.markRecorded,
    close: () => client.dispose(),
  };
}
