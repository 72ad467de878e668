//go:build slurm

package slurmtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// configuration is a cluster of one machine, which pretends to have four processors and 64 GB.
// cred_expire and the intervals make it quick; nothing of the system's own Slurm is
// touched.
const configuration = `ClusterName=test
SlurmctldHost=%[1]s(127.0.0.1)
SlurmUser=%[2]s
SlurmdUser=%[2]s
AuthType=auth/munge
AuthInfo=socket=%[3]s/munge.sock
CredType=cred/munge
SlurmctldPort=%[4]d
SlurmdPort=%[5]d
StateSaveLocation=%[3]s/state
SlurmdSpoolDir=%[3]s/spool
SlurmctldPidFile=%[3]s/slurmctld.pid
SlurmdPidFile=%[3]s/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
KillWait=5
NodeName=%[1]s NodeAddr=127.0.0.1 CPUs=4 RealMemory=64000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`

// startCluster starts munge, slurmctld and slurmd with files in a directory of their
// own. A guardian ends them when the test ends, even if it is killed.
func startCluster(t *testing.T) {
	t.Helper()
	for _, program := range []string{"munged", "slurmctld", "slurmd", "sbatch"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is not installed (Debian: slurm-wlm and munge)", program)
		}
	}
	// Not t.TempDir: munge wants nobody else to write to the directories above its key,
	// and sockets have short names.
	dir, err := os.MkdirTemp("/run", "genoveil-slurm")
	if err != nil {
		dir, err = os.MkdirTemp(os.Getenv("HOME"), ".genoveil-slurm")
	}
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	for _, name := range []string{"state", "spool"} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	host, err := os.Hostname()
	must(t, err)
	host, _, _ = strings.Cut(host, ".")
	me, err := user.Current()
	must(t, err)
	port := 20000 + os.Getpid()%20000
	config := filepath.Join(dir, "slurm.conf")
	must(t, os.WriteFile(config, fmt.Appendf(nil, configuration, host, me.Username, dir, port, port+1), 0o644))
	t.Setenv("SLURM_CONF", config)
	must(t, os.WriteFile(filepath.Join(dir, "munge.key"), bytes.Repeat([]byte{7}, 1024), 0o400))

	daemons := startGuardian(t, dir)
	daemons.start(t, "munged", "--foreground", "--force", "--key-file="+dir+"/munge.key", "--socket="+dir+"/munge.sock", "--pid-file="+dir+"/munged.pid",
		"--seed-file="+dir+"/munge.seed", "--log-file="+dir+"/munged.log")
	eventually(t, "munged listens", func() bool { _, err := os.Stat(dir + "/munge.sock"); return err == nil })
	daemons.start(t, "slurmctld", "-D", "-f", config)
	eventually(t, "slurmctld answers", func() bool { return exec.Command("scontrol", "ping").Run() == nil })
	daemons.start(t, "slurmd", "-D", "-f", config)
	eventually(t, "the node is idle", func() bool {
		out, err := exec.Command("sinfo", "-h", "-o", "%T").Output()
		return err == nil && strings.TrimSpace(string(out)) == "idle"
	})
}

// eventually waits for something to come true, two minutes at most.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			queue, _ := exec.Command("squeue", "--array").CombinedOutput()
			t.Fatalf("waited two minutes until %s; the queue:\n%s", what, queue)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
