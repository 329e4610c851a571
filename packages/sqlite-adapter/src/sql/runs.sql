-- The front of the line; asked again for what comes after the last run that was read.
-- A bare parameter as limit would have SQLite prepare the statement anew each time, to plan by its value.
select rank, first, last, flags, attempt, failures, crashes, redrives, claimed_at
from jobport_ready where queue = ? and (rank, first) > (?, ?) order by rank, first limit ? + 0
