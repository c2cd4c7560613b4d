/** Numbers of the system calls below and of the machine itself, as a filter of the kernel sees them. */
interface Machine {
  audit: number;
  socket: number;
  denied: readonly number[];
  /** numbers from here on are those of another way to call (x32) */
  end: number | null;
}

/** Rings make sockets without the call for it; keys of the kernel are those of the user, whatever the namespace (add, request, control). */
const RINGS = [425, 426, 427];
const MACHINES: Partial<Record<NodeJS.Architecture, Machine>> = {
  x64: { audit: 0xc000003e, socket: 41, denied: [...RINGS, 248, 249, 250], end: 0x4000_0000 },
  arm64: { audit: 0xc00000b7, socket: 198, denied: [...RINGS, 217, 218, 219], end: null },
};
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: each of these is one of the network namespace, or a path of the mount namespace. */
const FAMILIES = [1, 2, 10, 16];

const [NUMBER, AUDIT, FIRST_ARGUMENT] = [0, 4, 16];
const [LOAD, EQUAL, AT_LEAST, RETURN] = [0x20, 0x15, 0x35, 0x06];
const ALLOW = 0x7fff_0000;
const [NO_CALL, NO_FAMILY] = [0x0005_0000 + 38, 0x0005_0000 + 97];

type Step = [code: number, ifTrue: number, ifFalse: number, value: number];

/**
 * What keeps a program in a sandbox from what no namespace parts: sockets to the host of a virtual machine and of other families, keys of the
 * kernel. A program of the kernel's packet filter, as `bwrap --seccomp` reads it; null on a machine whose calls are not listed here.
 */
export function buildCallFilter(architecture: NodeJS.Architecture = process.arch): Buffer | null {
  const machine = MACHINES[architecture];
  if (!machine) return null;
  const { audit, socket, denied, end } = machine;
  const steps: Step[] = [
    [LOAD, 0, 0, AUDIT],
    [EQUAL, 1, 0, audit],
    [RETURN, 0, 0, NO_CALL],
    [LOAD, 0, 0, NUMBER],
    ...(end === null
      ? []
      : ([
          [AT_LEAST, 0, 1, end],
          [RETURN, 0, 0, NO_CALL],
        ] satisfies Step[])),
    ...denied.flatMap((number): Step[] => [
      [EQUAL, 0, 1, number],
      [RETURN, 0, 0, NO_CALL],
    ]),
    [EQUAL, 1, 0, socket],
    [RETURN, 0, 0, ALLOW],
    [LOAD, 0, 0, FIRST_ARGUMENT],
    ...FAMILIES.flatMap((family): Step[] => [
      [EQUAL, 0, 1, family],
      [RETURN, 0, 0, ALLOW],
    ]),
    [RETURN, 0, 0, NO_FAMILY],
  ];
  return Buffer.concat(steps.map(writeStep));
}

function writeStep([code, ifTrue, ifFalse, value]: Step): Buffer {
  const step = Buffer.alloc(8);
  step.writeUInt16LE(code, 0);
  step.writeUInt8(ifTrue, 2);
  step.writeUInt8(ifFalse, 3);
  step.writeUInt32LE(value, 4);
  return step;
}
