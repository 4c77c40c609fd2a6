# Thin: each target is a script in Boards/host.

.DEFAULT_GOAL := help
.PHONY: help run build test bench fuzz faults test-gpio format deb check-deb check-debian13 arm64
.PHONY: clean backtest optimum clearing check-units test-sandbox test-engine kill crash
.PHONY: soak soak-planted

ENGINE ?= standin
SPEED ?=
host := Boards/host

help: ## show this
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: ## the street: three houses, one day (ENGINE=standin|gemma|http://…, SPEED=600; 200 with gemma)
	@ENGINE='$(ENGINE)' SPEED='$(SPEED)' $(host)/run

test: ## set up, build and run every test
	@$(host)/test

build: ## set up and build the programs in release mode
	@$(host)/setup && $(host)/build

bench: ## records, Modbus polls and requests a second, beside the same in C, and TrustChain
	@$(host)/bench

backtest: ## a year of recorded households, the station beside simpler ways (HOUSES='--first a1 b4')
	@$(host)/backtest $(HOUSES)

optimum: ## plans held against the exact optimum, a table (INSTANCES=500, some 45 min)
	@$(host)/optimum --instances '$(or $(INSTANCES),500)'

clearing: ## the market's clearing held against linear programmes, a table (BOOKS=1000, a minute)
	@$(host)/clearing --books '$(or $(BOOKS),1000)'

fuzz: ## invented inputs on what takes bytes from outside (SECONDS=600 TARGET=record|contract|…)
	@SECONDS_EACH='$(or $(SECONDS),60)' TARGET='$(TARGET)' $(host)/fuzz

test-gpio: ## relays, pulses, button and light on the kernel's simulated GPIO, in virtual machines
	@$(host)/test-gpio

check-units: ## what systemd says of the units: understood, each at an exposure of 2.0 or less
	@$(host)/check-units

test-sandbox: ## what the sandbox of engines and jobs denies, tried in virtual machines with systemd
	@$(host)/test-sandbox

faults: ## a hundred nights of faults on the wire, each energy total held against the truth
	@$(host)/faults

soak: ## neighbourhoods in which a third of the houses cheat (SEEDS=2000 HOUSES=12 DAYS=3 SEED=1)
	@$(host)/soak --seeds '$(or $(SEEDS),100)' --seed '$(or $(SEED),1)' \
	  --houses '$(or $(HOUSES),12)' --days '$(or $(DAYS),3)'

soak-planted: ## plants faults in a copy of the sources, one by one: the soak must find each
	@SEEDS='$(or $(SEEDS),60)' $(host)/soak-planted

test-engine: ## a real 270M model: 200 requests through 20 clouds, long answers cut and gone on with
	@$(host)/test-engine

kill: ## SIGKILL of daemon, engine or both at 300 random moments: no line lost, none doubled
	@$(host)/kill $(if $(SEED),--seed $(SEED))

crash: ## SIGKILL at each durable point and 1,000 random ones, unsynced writes lost: no record lost
	@$(host)/crash $(if $(SEED),--seed $(SEED))

format: ## lay out the Swift sources as .swift-format says
	@swift format -i -r Package.swift Sources Tests

deb: ## a Debian package for this machine's architecture
	@$(host)/deb

check-deb: ## make the package in a Debian 13, install and purge it in a clean one
	@$(host)/check-deb

check-debian13: ## build and test in a clean Debian 13, with its own Swift
	@$(host)/check-debian13

arm64: ## cross-build for 64-bit Arm boards and run it under qemu
	@$(host)/arm64

clean: ## remove what builds made here, except the Debian roots
	@rm -rf .build .build-deb .build-gpio .venv-test .venv-backtest .venv-engine .venv-trustchain
	@rm -rf .demo .demo-test .demo-kill .demo-crash .demo-cloudy heliograph_*.deb
