import type { ReportRow } from './results.ts';

interface Panel {
  title: string;
  getValue: (row: ReportRow) => number;
  format: (value: number) => string;
}

const PANELS: readonly Panel[] = [
  { title: 'CPU per call, ms', getValue: (row) => row.cpuMsPerCall, format: (value) => value.toFixed(2) },
  { title: 'p50, 1 connection, ms', getValue: (row) => row.p50c1Ms, format: (value) => value.toFixed(2) },
  { title: 'calls/s, 8 connections', getValue: (row) => row.rpsC8, format: (value) => value.toFixed(0) },
];

const LABEL_WIDTH = 300;
const PANEL_WIDTH = 200;
/** room behind the longest bar for its figure */
const VALUE_WIDTH = 46;
const ROW_HEIGHT = 22;
const TOP = 58;

/** Colours that keep their contrast on a white and on a dark page. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .note { fill: #59636e; }
  .bar { fill: #8c959f; }
  .own { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .bar { fill: #656c76; }
    .own { fill: #4493f8; }
  }`;

/** Bars of the rows beside each other, as SVG. `own`: rows whose name starts so are set off. `note`: one line under the title. */
export function drawChart(rows: readonly ReportRow[], { own, note }: { own: string; note: string }): string {
  const width = LABEL_WIDTH + PANELS.length * PANEL_WIDTH;
  const height = TOP + rows.length * ROW_HEIGHT + 8;
  const labels = rows.map((row, index) => drawText(0, computeBaseline(index), `${row.name} · ${row.era}`, 'label'));
  const panels = PANELS.flatMap((panel, index) => drawPanel(panel, rows, LABEL_WIDTH + index * PANEL_WIDTH, own));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>Cost of one call through each row</title>`,
    `<style>${STYLE}\n</style>`,
    drawText(0, 16, 'One tools/call through each row', 'title'),
    drawText(0, 34, note, 'note'),
    ...labels,
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, getValue, format }: Panel, rows: readonly ReportRow[], left: number, own: string): string[] {
  const most = Math.max(...rows.map(getValue), Number.MIN_VALUE);
  const bars = rows.flatMap((row, index) => {
    const length = ((PANEL_WIDTH - VALUE_WIDTH) * getValue(row)) / most;
    const kind = row.name.startsWith(own) ? 'bar own' : 'bar';
    const y = TOP + index * ROW_HEIGHT;
    return [
      `<rect class="${kind}" x="${left}" y="${y + 4}" width="${length.toFixed(1)}" height="${ROW_HEIGHT - 8}" rx="2"/>`,
      drawText(left + length + 4, computeBaseline(index), format(getValue(row)), 'value'),
    ];
  });
  return [drawText(left, TOP - 6, title, 'title'), ...bars];
}

function computeBaseline(index: number): number {
  return TOP + index * ROW_HEIGHT + ROW_HEIGHT / 2 + 4;
}

function drawText(x: number, y: number, content: string, kind: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
