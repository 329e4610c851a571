select file from loads where abandoned = 1 order by file limit 1
