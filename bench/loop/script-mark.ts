/** What the script writes where the controller writes its marker. */
export const scriptMark = 'bench.example/restart';
