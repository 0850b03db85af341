// What every client is asked for. Texts, because two of them parse, two send them as they are, and Relay has its own.

export const PAGE = 3;

export const ROLES = 'query Roles { viewer { roles } }';
export const REFUSED = 'query Refused($id: ID!) { node(id: $id) { id } }';
export const MARKS = 'subscription Marks { markRecorded { id mark { id score } } }';
export const LEARNERS = `
  query Learners($first: Int, $after: String, $last: Int, $before: String) {
    learners(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id givenName } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;

// Page after page, by `ask` of variables, which gives a connection: the ids of each page.
export async function onward(ask) {
  const pages = [];
  for (let after = null; ;) {
    const { edges, pageInfo } = await ask({ first: PAGE, after });
    pages.push(edges.map(({ node }) => node.id));
    if (!pageInfo.hasNextPage) return pages;
    after = pageInfo.endCursor;
  }
}

// The same from the end: the last page first.
export async function back(ask) {
  const pages = [];
  for (let before = null; ;) {
    const { edges, pageInfo } = await ask({ last: PAGE, before });
    pages.push(edges.map(({ node }) => node.id));
    if (!pageInfo.hasPreviousPage) return pages;
    before = pageInfo.startCursor;
  }
}

// A promise, and what settles it.
export function promised() {
  const held = {};
  held.promise = new Promise((resolve, reject) => Object.assign(held, { resolve, reject }));
  return held;
}

// A graphql-ws client, and the promise that one of its streams stands: the server's ping says where.
export function socketOptions({ url, token }, WebSocket) {
  const stands = promised();
  const options = {
    url: url.replace('http', 'ws'),
    connectionParams: { Authorization: `Bearer ${token}` },
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    on: {
      ping: (_, payload) => Object.keys(payload?.positions ?? {}).length > 0 && stands.resolve(),
    },
  };
  return { options, stands: stands.promise };
}
