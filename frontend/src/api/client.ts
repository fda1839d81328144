import createClient from "openapi-fetch";
import { ApiError, problemFromAnswer } from "./problem";
import type { paths } from "./schema";

/** Where the API lives on this origin. */
export const API_BASE = "/api/v1";

/** Longest wait for an answer; a provider test may take most of it. */
const TIMEOUT_MS = 60_000;

/** The API with every path, parameter and answer typed from the gateway's code. */
export const api = createClient<paths>({
  credentials: "same-origin",
  fetch: (request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
});

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The answer's content; throws `ApiError` when the gateway refuses. */
export async function contentOf<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ApiError(problemFromAnswer(response.status, error));
  // The gateway's own description of the answer says when there is content.
  return data as Data;
}
