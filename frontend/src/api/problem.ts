import type { Problem } from "./types";

/** A request that failed, with what to tell the person. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ? `${problem.title}: ${problem.detail}` : problem.title);
    this.name = "ApiError";
    this.problem = problem;
  }
}

/** What went wrong, whatever was thrown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  // `fetch` rejects with a TypeError when no answer came at all, and with this one when none came in time.
  if (error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError")) {
    return {
      code: "unreachable",
      title: "Slipway did not answer",
      detail,
      hint: "Check that it is still running, then try again.",
      status: 0,
    };
  }
  return { code: "unexpected", title: "Something unexpected went wrong", detail, status: 0 };
}

/** The problem that an unsuccessful answer carries, or one made up from its status. */
export function problemFromAnswer(status: number, body: unknown): Problem {
  if (isProblem(body)) return body;
  return {
    code: `http_${status}`,
    title: status === 404 ? "It does not exist" : `The request was answered with ${status}`,
    detail: typeof body === "string" ? body.slice(0, 400) : "",
    status,
  };
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "title" in body && "status" in body;
}
