// urql: queries by fetch, streams by graphql-ws and, as urql itself can, by fetch.

import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { LEARNERS, MARKS, REFUSED, ROLES, back, onward, promised, socketOptions } from './asked.mjs';

function next(client, query) {
  const held = promised();
  client.subscription(query, {}).subscribe(({ data, error }) => {
    if (error) held.reject(error);
    else if (data) held.resolve(data.markRecorded);
  });
  return held.promise;
}

export async function urql(asked) {
  const { url, token } = asked;
  const { options, stands } = socketOptions(asked, WebSocket);
  const socket = createClient(options);
  const overFetch = promised();
  const shared = {
    url,
    requestPolicy: 'network-only',
    fetchOptions: { headers: { Authorization: `Bearer ${token}` } },
    preferGetMethod: false,
  };
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  });
  const client = new Client({
    ...shared,
    exchanges: [cacheExchange, fetchExchange, subscriptionExchange({ forwardSubscription })],
  });
  const streaming = new Client({
    ...shared,
    exchanges: [fetchExchange],
    fetchSubscriptions: true,
    fetch: async (...given) => {
      const response = await fetch(...given);
      if (response.headers.has('last-event-id')) overFetch.resolve();
      return response;
    },
  });
  const ask = (query, variables = {}) => client.query(gql(query), variables).toPromise();
  const learners = async (variables) => (await ask(LEARNERS, variables)).data.learners;
  const events = [next(client, gql(MARKS)), next(streaming, gql(MARKS))];
  const { error } = await ask(REFUSED, { id: null });
  return {
    stands: Promise.all([stands, overFetch.promise]),
    told: {
      roles: (await ask(ROLES)).data.viewer.roles,
      onward: await onward(learners),
      back: await back(learners),
      refused: error.graphQLErrors[0].extensions.code,
      byId: await registered(client, asked.documentId),
    },
    event: async () => {
      const [bySocket, byFetch] = await Promise.all(events);
      return bySocket.id === byFetch.id ? bySocket : { bySocket, byFetch };
    },
    close: () => socket.dispose(),
  };
}

// A trusted document: urql sends `documentId`, and no text, of a document that has one.
async function registered(client, documentId) {
  const document = { ...gql(ROLES), documentId };
  const { data, error } = await client.query(document, {}).toPromise();
  return data?.viewer.roles ?? error.graphQLErrors[0].extensions.code;
}
