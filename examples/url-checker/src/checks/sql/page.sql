select seq, id, url, report, submitted_at, finished_at
from url_checker.checks
where ($1::bigint is null or seq < $1)
  and ($2::text is null or outcome = $2)
order by seq desc
limit $3
