/// What `heliosim backtest --help` says.
enum BacktestUsage {
  static let text = """
    usage: heliosim backtest --data FILE [options]

    Lets the real station run a daily job in a recorded household, and beside it simpler ways on
    the same days. FILE is a table with the columns time, load and pv (W; comma, semicolon or tab
    between; other columns are left aside): the means from each line's time to the next's, a
    minute to a day apart. Times are ISO 8601, UTC unless they name an offset. Missing lines and
    empty fields are unknown. pv is what the panels could give with nothing holding them back.

      --battery KWH         usable, 0 is none (default 0)
      --charge W            the most it takes, and
      --discharge W         gives (default for both: half its capacity an hour)
      --efficiency PERMILLE what arrives of what is charged: all losses (default 950)
      --reserve %           below it the battery does not discharge (default 10)
      --charged %           what it holds at first (default 50)
      --export-limit W      the most that may go to the grid (default: no limit)
      --job "300W x 4h"     a job given at 00:00 UTC of each day and due at 24:00; may be repeated
                            (default: 300W x 4h, 1kW x 2h and 60W x 12h, one after another)
      --import-price C      credits for a kWh from the grid (default 30)
      --export-price C      credits for a kWh to the grid (default 8)
      --wear-price C        wear, for a kWh out of the battery (default 0)
      --stored-price C      for a kWh that the battery holds at the end and not at first (30)
      --zone NAME           local time: Europe/Berlin or +01:00 (default UTC)
      --latitude D --longitude D          where the house stands, if the station is told
      --tilt D --azimuth D --peak W       how its panels face (180 is south), if it is told
      --from DAY, --to DAY  the first day and the day after the last, such as 2016-06-01
      --step MINUTES        how often the station reads the house and decides, 1 to 15 (default 5)
      --days                also each day's job: its sun beside the best, starts, end
      --log                 also what the station decided, and why
      --json                results for programs

    What is counted:
      sun      of what the job drew, the share that was surplus of that moment: min(job, PV less
               the household's load), never below zero. In hours in which the panels are held
               back, what they could have given counts.
      of best  the same beside perfect foresight's: the day's sunniest moments. Nothing done in
               its day can have more sun; that is checked for each job.
      +stored  sun, and what the battery gave of earlier sun. What it gives is shared between
               household and job as they fall short.
      cost     import × its price − export × its price + wear − what more the battery holds at the
               end × its price; of the whole household.
      cycles   energy out of the battery over its capacity.
      in time  jobs done by the end of their day. A late one goes on until it is done.
    Jobs are due on the UTC days of which all is known. In gaps nothing flows but what a late job
    draws, from the grid.

    The ways beside the station's:
      at once              from 00:00 UTC on
      10:00 timer          from 10:00 local time on to its end, in time or not
      threshold            on when PV less the load has covered the job for 1 minute, off when it
                           hasn't for 3, to its end at the last possible moment; sees held-back
                           panels as an inverter shows them
      persistence          in what were the sunniest moments of the day before (10:00 without one)
      foresight, cheapest  perfect foresight for money: a dynamic programme over the day's
                           quarter-hours that knows the next day too; near the least cost
      foresight, unbroken  perfect foresight for a job that can't be paused: the sunniest stretch
      foresight            perfect foresight: the day's sunniest moments; of equal ones those with
                           the most surplus, then the first. It maximises sun, not money.

    Time is counted on the processor, so that what else a machine does changes little.

    The forecast's quantiles are held against the record: how often the truth lay below what was
    said for 10, 50 and 90 %, by how far ahead (from the beginning of the slot it is made in). The
    panels' are scored in daylight: times of day at which they gave more than a hundredth of the
    record's most within ten days. A truth just at a quantile counts half; one that was said for
    certain, as the dark is, not at all.
    """
}
