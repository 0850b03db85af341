// What an app with Relay would write beside its components; relay-compiler makes its artifacts of it.

import { graphql } from 'relay-runtime';

export const roles = graphql`
  query learnersRolesQuery {
    viewer {
      roles
    }
  }
`;

export const refused = graphql`
  query learnersRefusedQuery($id: ID!) {
    node(id: $id) {
      __typename
    }
  }
`;

export const list = graphql`
  query learnersListQuery($first: Int, $after: String, $last: Int, $before: String) {
    ...learnersList @arguments(first: $first, after: $after, last: $last, before: $before)
  }
`;

export const page = graphql`
  fragment learnersList on Query
  @refetchable(queryName: "learnersListPageQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    learners(first: $first, after: $after, last: $last, before: $before)
      @connection(key: "learnersList_learners") {
      edges {
        node {
          id
          ...learnersName
        }
      }
    }
  }
`;

export const name = graphql`
  fragment learnersName on Learner {
    givenName
  }
`;

// A fragment of one node, refetched by its id: relay-compiler asks the interface Node for it.
export const card = graphql`
  fragment learnersCard on Learner
  @refetchable(queryName: "learnersCardQuery")
  @argumentDefinitions(withMarks: { type: "Boolean", defaultValue: false }) {
    givenName
    familyName
    marks(first: 1) @include(if: $withMarks) {
      nodes {
        score
      }
    }
  }
`;

export const marks = graphql`
  subscription learnersMarksSubscription {
    markRecorded {
      id
      mark {
        id
        score
      }
    }
  }
`;
