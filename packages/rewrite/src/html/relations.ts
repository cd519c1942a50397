/** Link types of a `rel`, in lower case. */
export function relationsIn(rel: string): readonly string[] {
  return rel
    .slice(0, 200)
    .toLowerCase()
    .split(/[ \t\n\f\r]+/)
    .filter((relation) => relation !== "");
}
