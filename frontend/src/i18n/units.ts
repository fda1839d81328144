import { t } from "./index";
import { locale } from "./locale";
import { formatNumber } from "./numbers";

/** A span of time for a quiet label: `0.4 s`, `12 s`, `3 min 5 s`, `1 h 2 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${formatNumber(Math.max(0.1, Math.round(ms / 100) / 10), 1)} s`;
  if (ms < 10_000) return `${formatNumber(ms / 1_000, 1)} s`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Elapsed time that changes each second: `0:07`, `12:30`, `1:02:03`. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A size in bytes for people. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_024 * 1_024) return `${formatNumber(bytes / 1_024, 1)} KiB`;
  if (bytes < 1_024 ** 3) return `${formatNumber(bytes / 1_024 / 1_024, 1)} MiB`;
  return `${formatNumber(bytes / 1_024 ** 3, 1)} GiB`;
}

/** A count of tokens for people: `950`, `12.3k`, `1.2M`. */
export function formatTokens(n: number): string {
  if (n < 1_000) return String(n);
  if (n < 1_000_000) return `${formatNumber(n / 1_000, n < 100_000 ? 1 : 0)}k`;
  return `${formatNumber(n / 1_000_000, 1)}M`;
}

/** Time of day, `09:05`. */
export function formatTime(at: number): string {
  return new Date(at).toLocaleTimeString(locale() === "en" ? "en-GB" : locale(), {
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** How long ago something was, in one short word. */
export function formatAge(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return t("age.now");
  if (minutes < 60) return t("age.minutes", { n: minutes });
  if (minutes < 60 * 24) return t("age.hours", { n: Math.floor(minutes / 60) });
  return t("age.days", { n: Math.floor(minutes / 60 / 24) });
}
