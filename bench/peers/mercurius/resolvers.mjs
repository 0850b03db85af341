// Resolvers and batching loaders: one statement for whatever hangs from a learner one to one, one a list for all learners.

import { statements } from "./statements.mjs";

const fromId = (id) => id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
const toId = (uuid) => `lrn_${uuid.replaceAll("-", "")}`;

const ask = async ({ query, role, school, person }, name, ...values) =>
  (await query({ ...statements[role][name], values: [school, person, ...values] })).rows;

// A class's list needs no facts where only names are asked for. Known once for each parsed document.
const NAMES = new Set(["id", "givenName", "familyName", "preferredName", "grades", "marks", "__typename"]);
const seen = new WeakMap();
function namesAlone(node) {
  if (!seen.has(node)) {
    seen.set(node, node.selectionSet.selections.every((one) => one.kind === "Field" && NAMES.has(one.name.value)));
  }
  return seen.get(node);
}

const NOTHING = {};

export const resolvers = {
  Query: {
    learner: async (_, { by }, context) => (await ask(context, "learner", fromId(by.id)))[0] ?? null,
    learners: async (_, { first }, context) => ({ nodes: await ask(context, "learners", first) }),
    class: async (_, { id }, { query, school, role }) =>
      (await query({ ...statements[role].class, values: [school, fromId(id)] })).rows[0] ?? null,
  },
  Class: {
    learners: async ({ class_id }, _, context, info) => {
      if (!namesAlone(info.fieldNodes[0])) return ask(context, "members", class_id);
      const { query, role, school } = context;
      return (await query({ ...statements[role].memberNames, values: [school, class_id] })).rows;
    },
  },
  Learner: {
    id: ({ id }) => toId(id),
    givenName: (learner) => learner.given_name,
    familyName: (learner) => learner.family_name,
    preferredName: (learner) => learner.preferred_name,
    firstLanguage: (learner) => learner.first_language,
    yearGroup: (learner) => ({ name: learner.year_group }),
    sen: (learner) => ({ provision: learner.sen_provision, needs: learner.sen_needs }),
    contact: (learner) => learner, // email, phone, address: undefined where the role reads none
    pupilPremium: () => NOTHING,
    attendance: (learner) => learner,
    tutorGroup: (learner) => (learner.tutor_group === null ? null : { name: learner.tutor_group }),
  },
};

async function batched(name, queries, context) {
  const first = Math.max(...queries.map((query) => query.params.first));
  const found = new Map(queries.map((query) => [query.obj.id, []]));
  for (const row of await ask(context, name, [...found.keys()], first)) found.get(row.learner).push(row);
  return queries.map(({ obj, params }) => {
    const rows = found.get(obj.id);
    return rows.length > params.first ? rows.slice(0, params.first) : rows;
  });
}

// Without the loaders' own cache: it makes a key of each object, and nothing is asked twice in these queries.
export const loaders = {
  Learner: {
    grades: { loader: (queries, context) => batched("grades", queries, context), opts: { cache: false } },
    marks: {
      loader: async (queries, context) =>
        (await batched("marks", queries, context)).map((rows) => ({
          nodes: rows.map((row) => ({ ...row, assessment: { name: row.assessment } })),
        })),
      opts: { cache: false },
    },
  },
};
