/**
 * The tags after a merge patch (RFC 7396): a null takes a tag away, a patch that is null takes all away, and one that is
 * absent leaves them as they are.
 */
export function mergeTags(
  tags: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>> | null | undefined,
): Record<string, string> {
  if (patch === null) return {};
  const merged = Object.entries({ ...tags, ...patch });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}
