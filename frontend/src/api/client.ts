import { ApiError, problemFromAnswer } from "./problem";

/** Where the API lives on this origin. */
export const API_BASE = "/api/v1";

/** Longest wait for an answer; a provider test may take most of it. */
const TIMEOUT_MS = 60_000;

/** Calls the API and gives the answer's JSON; throws `ApiError` when the gateway refuses. */
export async function request<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${API_BASE}${path}`, {
    method,
    credentials: "same-origin",
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await answer.text();
  const value = parse(text);
  if (!answer.ok) throw new ApiError(problemFromAnswer(answer.status, value));
  return value as Answer;
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
