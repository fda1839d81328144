import { type ReactNode, useState } from "react";
import { ta } from "@/i18n/en-api";
import { Badge } from "@/ui/badge";
import type { Operation, Parameter, Schema } from "./document";
import { type Schemas, SchemaView } from "./schema-view";

interface OperationViewProps {
  operation: Operation;
  schemas: Schemas;
}

/** An operation in a line, with all of it below once it is opened. */
export function OperationView({ operation, schemas }: OperationViewProps) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="rounded-panel border border-line px-3 py-2"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="cursor-pointer">
        <span className="font-mono text-12 font-semibold uppercase">{operation.method}</span>{" "}
        <span className="break-all font-mono text-12">{operation.path}</span>
        <span className="block text-text-2">{operation.summary}</span>
      </summary>
      {open && <Details operation={operation} schemas={schemas} />}
    </details>
  );
}

function Details({ operation, schemas }: OperationViewProps) {
  const { description, parameters = [], requestBody, responses } = operation;
  return (
    <div className="flex flex-col gap-3 pt-2">
      {description && <p className="whitespace-pre-line text-text-2">{description}</p>}
      {parameters.length > 0 && (
        <Part title={ta("parameters")}>
          <ul className="flex flex-col gap-1">
            {parameters.map((parameter) => (
              <ParameterLine
                key={`${parameter.in} ${parameter.name}`}
                parameter={parameter}
                schemas={schemas}
              />
            ))}
          </ul>
        </Part>
      )}
      {requestBody && (
        <Part title={ta("body")}>
          <Contents content={requestBody.content} schemas={schemas} />
        </Part>
      )}
      <Part title={ta("answers")}>
        {Object.entries(responses).map(([status, answer]) => (
          <div key={status} className="flex flex-col">
            <span>
              <Badge>{status}</Badge> <span className="text-text-3">{answer.description}</span>
            </span>
            <Contents content={answer.content} schemas={schemas} />
          </div>
        ))}
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1">
      <h3 className="text-12 font-semibold text-text-2">{title}</h3>
      {children}
    </section>
  );
}

function ParameterLine({ parameter, schemas }: { parameter: Parameter; schemas: Schemas }) {
  return (
    <li>
      <code className="font-mono text-12">{parameter.name}</code>{" "}
      <span className="text-12 text-text-3">
        {ta(`in.${parameter.in}`)}
        {parameter.required && `, ${ta("required")}`}
      </span>
      <SchemaView schema={parameter.schema} schemas={schemas} />
      {parameter.description && <p className="text-12 text-text-2">{parameter.description}</p>}
    </li>
  );
}

type Content = Record<string, { schema?: Schema }> | undefined;

function Contents({ content, schemas }: { content: Content; schemas: Schemas }) {
  return Object.entries(content ?? {}).map(([mediaType, { schema }]) => (
    <div key={mediaType}>
      <span className="text-12 text-text-3">{mediaType}</span>
      <SchemaView schema={schema} schemas={schemas} />
    </div>
  ));
}
