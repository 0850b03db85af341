// The part of Usher's schema that the queries ask for, by the same names: its documents are asked as they are.

export const schema = `
  type Query {
    learner(by: LearnerBy!): Learner
    learners(first: Int = 50): LearnerConnection!
    class(id: ID!): Class
  }
  input LearnerBy { id: ID! }
  type LearnerConnection { nodes: [Learner!]! }
  type Class { name: String learners: [Learner!]! }
  type Learner {
    id: ID!
    givenName: String
    familyName: String
    preferredName: String
    gender: String
    dateOfBirth: String
    upn: String
    misId: String
    ethnicity: String
    firstLanguage: String
    yearGroup: YearGroup!
    sen: Sen!
    contact: Contact!
    pupilPremium: PupilPremium!
    freeSchoolMeals: Boolean
    lookedAfter: Boolean
    attendance: Attendance!
    tutorGroup: TutorGroup
    grades(first: Int = 50): [Grade!]!
    marks(first: Int = 50): MarkConnection!
  }
  type YearGroup { name: String }
  type Sen { provision: String needs: [String!] }
  type Contact { email: String phone: String address: String }
  type PupilPremium { reason: String }
  type Attendance { percentage: String }
  type TutorGroup { name: String }
  type Grade { value: String points: String }
  type MarkConnection { nodes: [Mark!]! }
  type Mark { score: String maximum: String state: String assessment: Assessment }
  type Assessment { name: String }
`;
