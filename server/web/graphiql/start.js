// Opens GraphiQL with the demo queries in tabs. The token stays in this tab's memory: headers are never stored.
"use strict";

const TOKEN_HINT = { Authorization: "Bearer PASTE-WHAT-usher-token-teacher-PRINTS" };

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
    }),
  );
}

start();
