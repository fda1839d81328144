import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes";

type Kind = "primary" | "secondary" | "quiet" | "danger";

const KINDS: Record<Kind, string> = {
  primary: "bg-accent text-on-accent border-transparent hover:brightness-110",
  secondary: "bg-surface text-text border-line-strong hover:bg-sunken",
  quiet: "bg-transparent text-text-2 border-transparent hover:bg-hover hover:text-text",
  danger: "bg-surface text-error border-error hover:bg-del-bg",
};

interface ButtonProps extends ComponentProps<"button"> {
  kind?: Kind;
  icon?: ReactNode;
}

/** A button with words on it. */
export function Button({ kind = "secondary", icon, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(
        "tap inline-flex items-center justify-center gap-1.5 rounded-control border px-2.5 text-13 font-medium whitespace-nowrap select-none disabled:opacity-50",
        KINDS[kind],
        className,
      )}
    >
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  /** What it does; read out and shown as a tooltip. */
  label: string;
}

/** A square button with only an icon. */
export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classes(
        "inline-flex size-7 shrink-0 items-center justify-center rounded-control text-text-2 hover:bg-hover hover:text-text disabled:opacity-50 pointer-coarse:size-11",
        className,
      )}
    >
      {children}
    </button>
  );
}
