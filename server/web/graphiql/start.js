// Opens GraphiQL with the demo queries in tabs. It remembers nothing: queries and headers end with the page.
"use strict";

const TOKEN_HINT = { Authorization: "Bearer PASTE-WHAT-usher-token-teacher-PRINTS" };

function memory() {
  const entries = new Map();
  return {
    get length() {
      return entries.size;
    },
    getItem: (name) => entries.get(name) ?? null,
    setItem: (name, value) => void entries.set(name, String(value)),
    removeItem: (name) => void entries.delete(name),
    clear: () => entries.clear(),
  };
}

async function start() {
  const queries = await (await fetch("graphiql/queries.json")).json();
  const headers = JSON.stringify(TOKEN_HINT, null, 2);
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: "graphql" }),
      defaultTabs: queries.map((tab) => ({ ...tab, headers })),
      defaultHeaders: headers,
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
      storage: memory(),
    }),
  );
}

start();
