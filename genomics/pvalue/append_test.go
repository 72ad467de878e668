package pvalue

import (
	"math"
	"testing"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		logP float64
		want string
	}{
		{0, "1"}, {math.Log(0.05), "0.05"}, {math.Log(1.43615e-67), "1.43615e-67"}, {-689.9, "2.40014e-300"},
		{math.Log(6.87256) - 1093*math.Ln10, "6.87256e-1093"}, {-1000 * math.Ln10, "1e-1000"},
		{math.Log(9.9999999) - 400*math.Ln10, "1e-399"}, {math.Log(1.5) - 2000*math.Ln10, "1.5e-2000"}, {math.NaN(), "NA"}, {math.Inf(-1), "0"},
	} {
		if got := string(Append(nil, c.logP, 6)); got != c.want {
			t.Errorf("%g: %s, want %s", c.logP, got, c.want)
		}
	}
	for negLog10, want := range map[float64]string{0: "1", 1: "0.1", 299.5: "3.162e-300", 400: "1e-400", 400.3: "5.012e-401", 4342.0000000001: "1e-4342", 350.9999999: "1e-351"} {
		if got := string(Append(nil, -negLog10*math.Ln10, 4)); got != want {
			t.Errorf("%g: %s, want %s", negLog10, got, want)
		}
	}
}
