/** Filters in the address: there and back, and links that are broken. */
import { describe, expect, it } from "vitest";
import { safeNext } from "~/pages/sign-in/next";
import { moment, oneOf, pageNumber, parseSearch, severalOf, stringifySearch, words, yesOrNo } from "./search-parameters";

describe("the address", () => {
  it("carries repeated names and comes back the same", () => {
    const search = { q: "kopi & teh", status: ["failed", "pending"], page: "2" };
    const text = stringifySearch(search);
    expect(text).toBe("?q=kopi+%26+teh&status=failed&status=pending&page=2");
    expect(parseSearch(text)).toEqual(search);
  });

  it("leaves no trace of what is absent", () => {
    expect(stringifySearch({ q: undefined, status: [], page: null, text: "" })).toBe("");
    expect(parseSearch("")).toEqual({});
  });
});

describe("reading", () => {
  it("drops what is not understood", () => {
    expect(oneOf("unheard", ["a", "b"])).toBeUndefined();
    expect(severalOf(["b", "x", "a"], ["a", "b", "c"])).toEqual(["a", "b"]);
    expect(severalOf("c", ["a", "b", "c"])).toEqual(["c"]);
    expect(severalOf(undefined, ["a"])).toBeUndefined();
    expect([pageNumber("2"), pageNumber("1"), pageNumber("-3"), pageNumber("1.5"), pageNumber("x"), pageNumber(undefined)]).toEqual([2, undefined, undefined, undefined, undefined, undefined]);
    expect([words("  kopi "), words(""), words(["a"]), words("x".repeat(300))?.length]).toEqual(["kopi", undefined, undefined, 200]);
    expect([yesOrNo("true"), yesOrNo("false"), yesOrNo("maybe")]).toEqual([true, false, undefined]);
    expect([moment("2026-02-21"), moment("yesterday")]).toEqual(["2026-02-21", undefined]);
  });
});

describe("where to go after signing in", () => {
  it.each(["/partners?q=a#b", "/integrations/1/edit"])("takes an address of its own: %s", (next) => expect(safeNext(next)).toBe(next));

  it.each(["https://evil.example", "//evil.example/x", "/\\evil.example", "javascript:alert(1)", "partners", "", 5, undefined, "/..//evil.example"])(
    "takes no other: %s",
    (next) => expect(safeNext(next)).toBeNull(),
  );
});
