/** Each role may what the ones below it may. */
import { describe, expect, it } from "vitest";
import { ROLES, reaches } from "./session";

describe("roles", () => {
  it("reach themselves and what is below, nothing above", () => {
    for (const [at, role] of ROLES.entries()) {
      expect(ROLES.filter((needed) => reaches(role, needed))).toEqual(ROLES.slice(0, at + 1));
    }
  });
});
