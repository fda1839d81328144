import { expect, test } from "vitest";
import committed from "../../../openapi.json";
import { type ApiDocument, byTag, refsOf, typeOf } from "./document";

const DOCUMENT = committed as unknown as ApiDocument;

test("the whole of the committed document is shown, and every type in it is known", () => {
  const operations = byTag(DOCUMENT, "").flatMap(([, group]) => group);
  const inDocument = Object.values(DOCUMENT.paths).flatMap((item) =>
    Object.keys(item).filter((key) => key !== "parameters"),
  );
  expect(operations.length).toBe(inDocument.length);
  const schemas = DOCUMENT.components?.schemas ?? {};
  const bodies = operations.flatMap(({ requestBody, responses, parameters }) => [
    ...Object.values(requestBody?.content ?? {}),
    ...Object.values(responses).flatMap((answer) => Object.values(answer.content ?? {})),
    ...(parameters ?? []),
  ]);
  const refs = [...Object.values(schemas), ...bodies.map(({ schema }) => schema)].flatMap(refsOf);
  expect(refs.filter((name) => !(name in schemas))).toEqual([]);
});

test("operations are found by any of their words", () => {
  const paths = (wanted: string) =>
    byTag(DOCUMENT, wanted).flatMap(([, group]) => group.map(({ path }) => path));
  expect(paths("post webhooks test")).toEqual(["/api/v1/webhooks/{id}/test"]);
  expect(paths("no such thing at all")).toEqual([]);
});

test("types are told in one line", () => {
  expect(typeOf({ type: ["string", "null"] })).toBe("string | null");
  expect(typeOf({ type: "array", items: { $ref: "#/components/schemas/Webhook" } })).toBe("Webhook[]");
  expect(typeOf({ type: "array", items: { enum: ["a", 1] } })).toBe('("a" | 1)[]');
  expect(typeOf({ oneOf: [{ type: "null" }, { $ref: "#/x/Budget" }] })).toBe("null | Budget");
  expect(typeOf(undefined)).toBe("any");
});
