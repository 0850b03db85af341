// Apollo Client: queries by its HTTP link, pages merged into one list by its cache, streams by graphql-ws.

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client/core/index.js';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries/index.js';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions/index.js';
import { relayStylePagination } from '@apollo/client/utilities/index.js';
import { createHash } from 'node:crypto';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { LEARNERS, MARKS, PAGE, REFUSED, ROLES, back, promised, socketOptions } from './asked.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

export async function apollo(asked) {
  const { options, stands } = socketOptions(asked, WebSocket);
  const socket = createClient(options);
  const http = new HttpLink({ uri: asked.url, headers: { Authorization: `Bearer ${asked.token}` } });
  const isStream = ({ operationType }) => operationType === 'subscription';
  const client = new ApolloClient({
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { learners: relayStylePagination() } } } }),
    link: ApolloLink.split(isStream, new GraphQLWsLink(socket), http),
  });
  const ask = (query, variables = {}) =>
    client.query({ query: gql(query), variables, fetchPolicy: 'no-cache' });
  const learners = async (variables) => (await ask(LEARNERS, variables)).data.learners;
  const held = promised();
  client.subscribe({ query: gql(MARKS) }).subscribe({
    next: ({ data, error }) => (error ? held.reject(error) : held.resolve(data.markRecorded)),
    error: held.reject,
  });
  return {
    stands,
    told: {
      roles: (await ask(ROLES)).data.viewer.roles,
      onward: await merged(client),
      back: await back(learners),
      refused: await ask(REFUSED, { id: null }).then(null, (error) => error.errors[0].extensions.code),
      persisted: await persisted(http),
    },
    event: () => held.promise,
    close: () => socket.dispose(),
  };
}

// What stands in the cache after each page, by `fetchMore`.
async function merged(client) {
  const watched = client.watchQuery({ query: gql(LEARNERS), variables: { first: PAGE } });
  const watching = watched.subscribe(() => {});
  await watched.result?.();
  let { data } = await client.query({ query: gql(LEARNERS), variables: { first: PAGE } });
  const sizes = [data.learners.edges.length];
  while (data.learners.pageInfo.hasNextPage) {
    await watched.fetchMore({ variables: { first: PAGE, after: data.learners.pageInfo.endCursor } });
    data = client.readQuery({ query: gql(LEARNERS), variables: { first: PAGE } });
    sizes.push(data.learners.edges.length);
  }
  watching.unsubscribe();
  const ids = data.learners.edges.map(({ node }) => node.id);
  return sizes.map((size, number) => ids.slice(number === 0 ? 0 : sizes[number - 1], size));
}

// The link that sends a hash instead of the text: of a document that is registered, and of one that isn't, as the link is
// by itself and as it is told to send the text then.
async function persisted(http) {
  const ask = (query, options = {}) =>
    new ApolloClient({
      cache: new InMemoryCache(),
      link: new PersistedQueryLink({ sha256, ...options }).concat(http),
    })
      .query({ query: gql(query), fetchPolicy: 'no-cache' })
      .then(
        ({ data }) => data.viewer.roles,
        (error) => error.errors[0].extensions.code,
      );
  const retry = ({ error }) => error.errors?.[0]?.extensions?.code === 'DOCUMENT_NOT_REGISTERED';
  return {
    registered: await ask('query Registered { viewer { roles __typename } }'),
    other: await ask(ROLES),
    retried: await ask(ROLES, { retry }),
  };
}
