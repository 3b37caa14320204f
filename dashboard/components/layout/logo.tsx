/** Two posts, and calls on their way between them. */
export function Logo({ className = "size-7" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" className="fill-ink" />
      <path d="M9 8v16M23 8v16" strokeWidth="3" strokeLinecap="round" className="stroke-canvas" />
      <path
        d="M9 16h14"
        strokeWidth="3"
        strokeLinecap="round"
        strokeDasharray="0.1 4.6"
        className="stroke-canvas"
      />
    </svg>
  );
}
