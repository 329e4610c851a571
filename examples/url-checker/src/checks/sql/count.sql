select count(*)::int as total
from url_checker.checks
where $1::text is null or outcome = $1
