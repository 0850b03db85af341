// Relay: artifacts of relay-compiler, pages merged into one connection by its store, streams by graphql-ws.
// `asked.artifacts` is the folder that was compiled into; `asked.documents` their texts by id, or null: then only ids are sent.

import relay from 'relay-runtime';
import { createRequire } from 'node:module';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { PAGE, promised, socketOptions } from './asked.mjs';

const { Environment, Network, Observable, RecordSource, Store } = relay;

export async function relayRuntime(asked) {
  const artifact = (name) => createRequire(import.meta.url)(`${asked.artifacts}/${name}.graphql.js`);
  const { options, stands } = socketOptions(asked, WebSocket);
  const socket = createClient(options);
  const named = ({ id }) => (asked.documents === null ? { query: '', documentId: id } : { query: asked.documents[id] });
  const ask = async (request, variables) => {
    const response = await fetch(asked.url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${asked.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...named(request), variables }),
    });
    return response.json();
  };
  const follow = (request, variables) =>
    Observable.create((sink) => socket.subscribe({ ...named(request), variables }, sink));
  const environment = new Environment({
    network: Network.create(ask, follow),
    store: new Store(new RecordSource()),
  });
  const run = (name, variables = {}) => relay.fetchQuery(environment, artifact(name), variables).toPromise();
  const held = promised();
  relay.requestSubscription(environment, {
    subscription: artifact('learnersMarksSubscription'),
    variables: {},
    onNext: ({ markRecorded }) => held.resolve(markRecorded),
    onError: held.reject,
  });
  const pages = await merged(environment, artifact);
  return {
    stands,
    told: {
      roles: (await run('learnersRolesQuery')).viewer.roles,
      ...pages,
      node: await card(environment, artifact, pages.onward[0][0]),
      refused: (await ask(artifact('learnersRefusedQuery').params, { id: null })).errors[0].extensions.code,
    },
    event: () => held.promise,
    close: () => socket.dispose(),
  };
}

// Both ways through a connection by its pagination fragment, as the store has it after each page.
async function merged(environment, artifact) {
  const fragment = artifact('learnersList');
  const { paginationRequest, paginationMetadata, connectionPathInFragmentData } = relay.getPaginationMetadata(fragment, 'here');
  const through = async (direction, first) => {
    const whole = relay.createOperationDescriptor(artifact('learnersListQuery'), first);
    const kept = environment.retain(whole);
    await relay.fetchQuery(environment, artifact('learnersListQuery'), first).toPromise();
    const read = () => {
      const { data } = environment.lookup(whole.fragment);
      const seen = environment.lookup(relay.getSingularSelector(fragment, data)).data;
      return relay.getValueAtPath(seen, connectionPathInFragmentData);
    };
    const pages = [read().edges.map(({ node }) => node.id)];
    const more = ({ pageInfo }) => (direction === 'forward' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage);
    while (more(read())) {
      const { pageInfo, edges } = read();
      const cursor = direction === 'forward' ? pageInfo.endCursor : pageInfo.startCursor;
      const variables = relay.getPaginationVariables(direction, PAGE, cursor, first, {}, paginationMetadata);
      await relay.fetchQuery(environment, paginationRequest, variables).toPromise();
      const ids = read().edges.map(({ node }) => node.id);
      pages.push(direction === 'forward' ? ids.slice(edges.length) : ids.slice(0, ids.length - edges.length));
    }
    kept.dispose();
    return pages;
  };
  const onward = await through('forward', { first: PAGE });
  environment.commitUpdate((store) => store.invalidateStore());
  const back = await through('backward', { last: PAGE });
  return { onward, back };
}

// The refetch query of a fragment on a node, by its id.
async function card(environment, artifact, id) {
  const { refetchableRequest } = relay.getRefetchMetadata(artifact('learnersCard'), 'here');
  const { node } = await relay.fetchQuery(environment, refetchableRequest, { id, withMarks: true }).toPromise();
  const whole = environment.lookup(relay.getSingularSelector(artifact('learnersCard'), node)).data;
  return { id: whole.id, givenName: whole.givenName };
}
