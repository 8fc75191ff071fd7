/** Every GraphQL document that the client sends, apart from `frameSubscription` and the mutations of applications. */
const job = /* GraphQL */ `fragment JobFields on Job {
  id application state lastSeq
  progress { label done total }
  artifact { name mime size url digitalSourceType table }
  error { code message }
}`;

export const operations = {
  models: "query Models { models { name kind description } }",
  emotions: "query Emotions { emotions }",
  applications: "query Applications { applications { name description output mutation } }",
  job: `query Job($id: ID!) { job(id: $id) { ...JobFields } } ${job}`,
  stream: "query Stream($id: ID!) { job(id: $id) { stream { url ticket } } }",
  live: "query Live($id: ID!) { job(id: $id) { live { url ticket } } }",
  cancel: `mutation Cancel($id: ID!) { cancelJob(id: $id) { ...JobFields } } ${job}`,
  delete: "mutation Delete($id: ID!) { deleteJob(id: $id) }",
  watch: `subscription Watch($id: ID!) { job(id: $id) { ...JobFields } } ${job}`,
} as const;

/** The mutation of an application: its name in camel case, its input type in Pascal case. */
export function mutationOf(application: string): string {
  const camel = application.replace(/-+(.)/g, (_, letter: string) => letter.toUpperCase());
  const type = `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Input`;
  return `mutation Run($input: ${type}!, $idempotencyKey: String!) {
  job: ${camel}(input: $input, idempotencyKey: $idempotencyKey) { ...JobFields }
} ${job}`;
}
