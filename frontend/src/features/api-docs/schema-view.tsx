import { useState } from "react";
import { ta } from "@/i18n/en-api";
import { refsOf, type Schema, typeOf } from "./document";

/** Schemas by name. */
export type Schemas = Record<string, Schema>;

interface SchemaViewProps {
  schema: Schema | undefined;
  schemas: Schemas;
}

/** A type in a line, its fields, and the types that it names, each to be opened. */
export function SchemaView({ schema, schemas }: SchemaViewProps) {
  const fields = Object.entries(schema?.properties ?? {});
  return (
    <div className="text-12">
      {fields.length === 0 && <code className="break-words font-mono">{typeOf(schema)}</code>}
      {fields.length > 0 && (
        <ul className="flex flex-col gap-1 border-l border-line pl-2">
          {fields.map(([name, field]) => (
            <li key={name}>
              <code className="font-mono font-semibold">{name}</code>{" "}
              <code className="break-words font-mono text-text-2">{typeOf(field)}</code>
              {schema?.required?.includes(name) && <span className="text-text-3"> {ta("required")}</span>}
              {field.description && <p className="text-text-3">{field.description}</p>}
            </li>
          ))}
        </ul>
      )}
      {refsOf(schema).map((name) => (
        <NamedSchema key={name} name={name} schemas={schemas} />
      ))}
    </div>
  );
}

/** Types refer to each other in circles, so what is inside is made only once it is opened. */
function NamedSchema({ name, schemas }: { name: string; schemas: Schemas }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="pl-2" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer font-mono">{name}</summary>
      {open && (
        <div className="pl-2">
          <p className="text-text-3">{schemas[name]?.description}</p>
          <Choices schema={schemas[name]} schemas={schemas} />
        </div>
      )}
    </details>
  );
}

/** Each of a type's forms, where it has several. */
function Choices({ schema, schemas }: SchemaViewProps) {
  const forms = (schema?.oneOf ?? schema?.anyOf ?? schema?.allOf ?? []).filter((form) => form.properties);
  if (forms.length === 0) return <SchemaView schema={schema} schemas={schemas} />;
  return forms.map((form, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a schema's forms have no names and never change places
    <div key={index} className="pt-1">
      <p className="text-text-3">{form.description}</p>
      <SchemaView schema={form} schemas={schemas} />
    </div>
  ));
}
