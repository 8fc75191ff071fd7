/** What an application's table says that its user should know. */
export const warningsOf = (table: Readonly<Record<string, unknown>> | null): readonly string[] => {
  const warnings = table?.["warnings"];
  return Array.isArray(warnings) ? warnings.map(String) : [];
};
