/** Milliseconds for which the browser's download may read a file from us. */
export const READ_WITHIN = 600_000;

/** Hands a file to the browser's downloads. */
export function handOver(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, READ_WITHIN);
}
