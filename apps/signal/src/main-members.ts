/** `npm run members`: who belongs to a network that does not let everybody in. */
import { systemClock, systemRandom } from "@tabor/platform";
import { FolderRegister } from "./admission/folder-register.ts";
import { membersCommand } from "./admission/members-command.ts";

try {
  await membersCommand({
    open: (stateFolder) => FolderRegister.open(stateFolder, systemClock),
    random: systemRandom,
    print: (line) => {
      console.log(line);
    },
  }).parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
