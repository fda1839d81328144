/** The parts of an OpenAPI document that the reference shows. */
export interface ApiDocument {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Partial<Record<Method, RawOperation>>>;
  components?: { schemas?: Record<string, Schema> };
}

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Content {
  description?: string;
  content?: Record<string, { schema?: Schema }>;
}

interface RawOperation {
  operationId: string;
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content>;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

export type Method = (typeof METHODS)[number];

export interface Operation extends RawOperation {
  method: Method;
  path: string;
}

/** All operations by tag, in the document's order, of those that `wanted` occurs in. */
export function byTag(document: ApiDocument, wanted: string): [string, Operation[]][] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const raw = item[method];
      if (!raw) continue;
      const text = `${method} ${path} ${raw.operationId} ${raw.summary ?? ""}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) continue;
      const tag = raw.tags?.[0] ?? "";
      groups.set(tag, [...(groups.get(tag) ?? []), { ...raw, method, path }]);
    }
  }
  return [...groups];
}

/** The name of the schema that is referred to. */
export const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1);

/** A schema's type in one line: `string | null`, `Conversation[]`. */
export function typeOf(schema: Schema | undefined): string {
  if (!schema) return "any";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return unique(choices.map(typeOf)).join(" | ");
  if (schema.allOf) return unique(schema.allOf.map(typeOf)).join(" & ");
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["any"]);
  return types.map((type) => (type === "array" ? listOf(schema.items) : type)).join(" | ");
}

function listOf(items: Schema | undefined): string {
  const type = typeOf(items);
  return type.includes(" ") ? `(${type})[]` : `${type}[]`;
}

const unique = (names: string[]): string[] => [...new Set(names)];

/** Names of the schemas that a schema refers to itself, in order. */
export function refsOf(schema: Schema | undefined): string[] {
  if (!schema) return [];
  if (schema.$ref) return [nameOf(schema.$ref)];
  const extra = typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
  const inner = [
    ...(schema.oneOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.allOf ?? []),
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
    ...extra,
  ];
  return unique(inner.flatMap(refsOf));
}
