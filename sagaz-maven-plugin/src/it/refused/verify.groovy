def log = new File(basedir, 'build.log').text
assert log.contains("Unknown option: '--cheque'")
assert log.contains('sagaz migrate ended with status 2')
