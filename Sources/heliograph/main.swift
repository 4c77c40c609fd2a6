import Glibc

exit(await CommandLineTool(arguments: Array(CommandLine.arguments.dropFirst())).run())
