import { type ComponentProps, type ReactNode, useId } from "react";
import { classes } from "./classes";

const CONTROL =
  "w-full rounded-control border border-line-strong bg-surface px-2 py-1 text-13 text-text placeholder:text-text-3 pointer-coarse:text-[16px] disabled:opacity-60";

interface LabelledProps {
  label: string;
  help?: ReactNode;
  error?: string | null;
}

interface FrameProps extends LabelledProps {
  id: string;
  children: ReactNode;
}

function Frame({ id, label, help, error, children }: FrameProps) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-12 font-medium text-text-2">
        {label}
      </label>
      {children}
      {(error ?? help) && (
        <p id={`${id}-note`} className={classes("text-12", error ? "text-error" : "text-text-3")}>
          {error ?? help}
        </p>
      )}
    </div>
  );
}

function described(id: string, { help, error }: LabelledProps) {
  return {
    "aria-describedby": (error ?? help) ? `${id}-note` : undefined,
    "aria-invalid": error ? true : undefined,
  };
}

/** A labelled line of text. */
export function TextField({
  label,
  help,
  error,
  className,
  ...rest
}: LabelledProps & ComponentProps<"input">) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <input
        id={id}
        autoComplete="off"
        spellCheck={false}
        {...described(id, { label, help, error })}
        {...rest}
        className={classes(CONTROL, "h-8 pointer-coarse:h-11", className)}
      />
    </Frame>
  );
}

/** A labelled choice. */
export function SelectField({
  label,
  help,
  error,
  className,
  ...rest
}: LabelledProps & ComponentProps<"select">) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <select
        id={id}
        {...described(id, { label, help, error })}
        {...rest}
        className={classes(CONTROL, "h-8 pointer-coarse:h-11", className)}
      />
    </Frame>
  );
}

/** A labelled text of several lines. */
export function TextArea({
  label,
  help,
  error,
  className,
  ...rest
}: LabelledProps & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <textarea
        id={id}
        {...described(id, { label, help, error })}
        {...rest}
        className={classes(CONTROL, className)}
      />
    </Frame>
  );
}
