export { type Initializer, type ParameterSpec, type Scope, scope } from "./scope.ts";
