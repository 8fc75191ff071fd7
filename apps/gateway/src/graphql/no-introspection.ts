import { NoSchemaIntrospectionCustomRule } from "graphql/index.js";
import type { Plugin } from "graphql-yoga";

/**
 * Refuses introspection by a validation rule, which acts wherever the enveloped `validate` runs, sockets included. (The plugin that Yoga
 * offers for it keys on an HTTP request and lets sockets through.)
 */
export const noIntrospection = (): Plugin => ({
  onValidate: ({ addValidationRule }) => addValidationRule(NoSchemaIntrospectionCustomRule),
});
