insert into loads (file, abandoned) values (?, 1)
on conflict (file) do update set abandoned = 1
