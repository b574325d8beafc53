module drover/examples

go 1.19
