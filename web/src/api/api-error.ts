/** The one error that a request can end with, and how an answer becomes it. */

/** What is wrong with each member, by its path in the request, such as `configuration.serverKey`. */
export type FieldProblems = Readonly<Record<string, readonly string[]>>;

/** The code of an error for which no answer arrived. */
export const UNREACHABLE = "unreachable";

/** A failure envelope, or the lack of any answer (`status` 0). `message` is the server's own sentence. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Empty unless the answer names fields. */
  readonly fields: FieldProblems;
  /** Seconds to wait, where the server says so. */
  readonly retryAfter: number | null;
  /** To find the request in the server's log. */
  readonly requestId: string | null;

  constructor(parts: {
    status: number;
    code: string;
    message: string;
    details?: Record<string, unknown>;
    retryAfter?: number | null;
    requestId?: string | null;
  }) {
    super(parts.message);
    this.status = parts.status;
    this.code = parts.code;
    this.details = parts.details ?? {};
    this.fields = fieldsOf(this.details.fields);
    this.retryAfter = parts.retryAfter ?? null;
    this.requestId = parts.requestId ?? null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): FieldProblems {
  if (!isRecord(value)) return {};
  const known = Object.entries(value).flatMap(([field, problems]) =>
    Array.isArray(problems) ? [[field, problems.filter((problem) => typeof problem === "string")] as const] : [],
  );
  return Object.fromEntries(known);
}

/** Reads a failure out of an answer. A proxy's page or an empty body becomes an error too, never an exception of its own. */
export function errorOf(response: Response, body: unknown): ApiError {
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  const shared = {
    status: response.status,
    retryAfter: Number.isFinite(seconds) ? seconds : null,
    requestId: response.headers.get("x-request-id"),
  };
  if (isRecord(body) && typeof body.error === "string" && typeof body.code === "string") {
    const details = isRecord(body.details) ? body.details : {};
    return new ApiError({ ...shared, code: body.code, message: body.error, details });
  }
  return new ApiError({ ...shared, code: "unexpected_answer", message: `HTTP ${response.status}` });
}

/** Whether the session does not count any more. A refused sign-in is a 401 of another code. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && error.code !== "invalid_credentials";
}

/** Whether asking again can help: no answer, a fault of the server, or a full queue. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
