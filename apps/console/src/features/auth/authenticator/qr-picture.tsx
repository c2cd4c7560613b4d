import encodeQR from 'qr';

/** A text for a camera: dark on light in both themes, with the quiet zone that readers need. */
export function QrPicture({ text, label }: { text: string; label: string }) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const path = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      shapeRendering="crispEdges"
      className="mx-auto size-44 rounded-card border border-line bg-white"
    >
      <path d={path} className="fill-black" />
    </svg>
  );
}
