/** Cuts a stream of server-sent events into the data of each. */
export class EventCutter {
  private rest = "";

  /** The data of the events that are whole now. */
  push(chunk: string): string[] {
    // A line may end in the middle of its two characters: the first waits for the second.
    this.rest = (this.rest + chunk).replace(/\r\n/g, "\n").replace(/\r(?!$)/g, "\n");
    const events = this.rest.split("\n\n");
    this.rest = events.pop() ?? "";
    return events.map(dataOf).filter((data) => data !== "");
  }

  /** What came after the last whole event, where a server ends without the empty line. */
  end(): string[] {
    const data = dataOf(this.rest.replace(/\r$/, ""));
    this.rest = "";
    return data === "" ? [] : [data];
  }
}

function dataOf(event: string): string {
  return event
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line.startsWith("data: ") ? 6 : 5))
    .join("\n");
}
